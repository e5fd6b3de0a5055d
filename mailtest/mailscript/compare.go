package mailscript

// matchNode tells whether one argument is as wanted.
func matchNode(want, got *node, b bindings) (bindings, bool) {
	switch {
	case want.is(anything):
		return b, true
	case want.kind == atom && len(want.text) == 1 && want.text[0].isCapture() && got.kind != list:
		return matchText(want.text, got.text, b, want.fold)
	case want.kind != got.kind:
		return nil, false
	case want.kind == list:
		return matchList(want, got, b)
	case want.volatile && isNumber(want.text):
		return b, isNumber(got.text)
	}
	return matchText(want.text, got.text, b, want.fold)
}

func matchList(want, got *node, b bindings) (bindings, bool) {
	switch want.ordering {
	case set:
		return matchSet(chunks(want.members, 1), chunks(got.members, 1), b)
	case pairs:
		return matchSet(chunks(want.members, 2), chunks(got.members, 2), b)
	}
	return matchSequence(want.members, got.members, b)
}

// chunks splits members into runs of n; an \... is one for itself.
func chunks(members []node, n int) (runs [][]node) {
	for len(members) > 0 {
		size := min(n, len(members))
		if members[0].is(anything) {
			size = 1
		}
		runs = append(runs, members[:size])
		members = members[size:]
	}
	return runs
}

// matchSequence tells whether members are as wanted, in this order.
func matchSequence(want, got []node, b bindings) (bindings, bool) {
	w, g := 0, 0
	// Where to go on if what is wanted fails after its last \....
	resumeWant, resumeGot, resumeBindings := -1, 0, b
	for {
		switch {
		case w == len(want) && g == len(got):
			return b, true
		case w < len(want) && want[w].is(anything):
			resumeWant, resumeGot, resumeBindings = w, g, b
			w++
			continue
		case w < len(want) && g < len(got):
			if next, ok := matchNode(&want[w], &got[g], b); ok {
				w, g, b = w+1, g+1, next
				continue
			}
		}
		if resumeWant < 0 || resumeGot == len(got) {
			return nil, false
		}
		resumeGot++
		w, g, b = resumeWant+1, resumeGot, resumeBindings
	}
}

// matchSet tells whether each run that is wanted is there, in any order, and nothing
// else unless \... allows it. Runs with additions get what the plain ones leave.
func matchSet(want, got [][]node, b bindings) (bindings, bool) {
	used := make([]bool, len(got))
	more := false
	left := len(got)
	for _, plain := range []bool{true, false} {
		for _, w := range want {
			if len(w) == 1 && w[0].is(anything) {
				more = true
				continue
			}
			if isPlainRun(w) != plain {
				continue
			}
			next, i := findRun(w, got, used, b)
			if i < 0 {
				return nil, false
			}
			used[i], b = true, next
			left--
		}
	}
	return b, more || left == 0
}

func findRun(want []node, got [][]node, used []bool, b bindings) (bindings, int) {
	for i := range got {
		if used[i] {
			continue
		}
		if next, ok := matchSequence(want, got[i], b); ok {
			return next, i
		}
	}
	return nil, -1
}

func isPlainRun(run []node) bool {
	for _, n := range run {
		if !isPlain(n.text) || !isPlainRun(n.members) {
			return false
		}
	}
	return true
}

// matchIMAP tells whether one response is as wanted.
func matchIMAP(want, got *imapResponse, b bindings) (bindings, bool) {
	b, ok := matchText(want.tag, got.tag, b, false)
	switch {
	case ok && len(want.args.members) == 1 && want.args.members[0].is(anything):
		return b, true
	case !ok || (want.status == nil) != (got.status == nil):
		return nil, false
	case want.isContinuation():
		return b, true
	case want.status == nil:
		return matchList(&want.args, &got.args, b)
	}
	if b, ok = matchText(want.status, got.status, b, true); !ok || want.anyCode {
		return b, ok
	}
	return matchList(&want.code, &got.code, b)
}

// matchAnswers tells whether a server's responses are as wanted. Tagged ones and
// continuation requests divide them; what stands between two of these may come in
// any order, but for what message numbers depend on.
func matchAnswers(want []response, got []response, b bindings) (bindings, bool) {
	for {
		w, g := divide(want), divide(got)
		var ok bool
		b, ok = matchUntagged(want[:w], got[:g], b)
		switch {
		case !ok || (w == len(want)) != (g == len(got)):
			return nil, false
		case w == len(want):
			return b, true
		}
		divider, answer := parseIMAP(want[w].text), parseIMAP(got[g].text)
		if b, ok = matchIMAP(&divider, &answer, b); !ok {
			return nil, false
		}
		want, got = want[w+1:], got[g+1:]
	}
}

// divide returns the index of the first tagged response or continuation request, or
// the number of responses if there is none.
func divide(responses []response) int {
	for i, r := range responses {
		if p := parseIMAP(r.text); p.isTagged() || p.isContinuation() {
			return i
		}
	}
	return len(responses)
}
