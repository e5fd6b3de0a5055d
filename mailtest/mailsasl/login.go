package mailsasl

// login is LOGIN, which has no RFC: the server asks for the name, unless it came along,
// then for the password.
func login(x *exchange) error {
	name, err := x.initial, error(nil)
	if name == nil {
		if name, err = x.ask([]byte("Username:")); err != nil {
			return err
		}
	}
	password, err := x.ask([]byte("Password:"))
	if err != nil {
		return err
	}
	return x.verify("", string(name), string(password))
}
