package secrets

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// FuzzPieces writes a piece of a secret in an encoding, and that in another one,
// with something around. Nothing of it is left, whoever undoes what.
func FuzzPieces(f *testing.F) {
	for i := range encodings {
		f.Add(uint(i), uint(0), uint(3), uint(9), "key ", " is wrong")
		f.Add(uint(0), uint(i), uint(0), uint(20), `{"psk":"`, `"}`)
		f.Add(uint(i), uint(len(encodings)-i), uint(6), uint(16), "%", "&amp;")
	}
	set := testSet()
	f.Fuzz(func(t *testing.T, outer, inner, from, to uint, before, after string) {
		in, out := encodings[inner%uint(len(encodings))], encodings[outer%uint(len(encodings))]
		if !in.within(out) || len(before)+len(after) > 1<<10 {
			t.Skip()
		}
		// What stands beside an encoding inside another one may join with it, and take
		// a character or two: a percent sign before two digits for instance.
		if nested := in.name != "upper case" && in.name != "lower case"; nested || out.alone {
			before, after = before+` "`, `" `+after
		}
		if out.open && after != "" && '0' <= after[0] && after[0] <= '9' {
			after = " " + after
		}
		for _, secret := range []string{testKey, testToken} {
			from, to := from%uint(len(secret)), to%uint(len(secret)+1)
			if to < from+piece {
				continue
			}
			part, before := secret[from:to], before
			if begun.MatchString(before) && in.plain(out, part[:1]) {
				before += " "
			}
			written := in.write(part)
			if in.alone {
				written = `"` + written + `"`
			}
			written = out.write(written)
			masked := set.Mask(before + written + after)
			if strings.Contains(masked, written) && !strings.Contains(before+after, written) {
				t.Errorf("%q in %s in %s: %q is shown as %q", part, in.name, out.name, before+written+after, masked)
			}
			if left := set.pieceLeft(masked); left != "" {
				t.Errorf("%q in %s in %s: %q is left in %q", part, in.name, out.name, left, masked)
			}
			if strings.Contains(fold(masked), fold(part)) {
				t.Errorf("%q in %s in %s is left in %q", part, in.name, out.name, masked)
			}
		}
	})
}

// begun matches a text that ends with the beginning of an escape: a character after
// it, which stands there as it is, may be its own. It is lost then to who reads all
// escapes, and not to who reads another kind alone.
var begun = regexp.MustCompile(`(?i)(%u?[0-9a-f]{0,3}|\\(u[0-9a-f]{0,7}|[ux]\{?[0-9a-f]{0,7}|[0-3]?[0-7]?)|=[0-9a-f]?|&#?x?[0-9a-f]{0,7})$`)

// FuzzMask masks any text: nothing is found afterwards, and it is soon done.
func FuzzMask(f *testing.F) {
	for _, text := range texts {
		f.Add(text(200))
	}
	for _, e := range encodings {
		f.Add(e.write(testKey + testToken))
	}
	set := testSet()
	f.Fuzz(func(t *testing.T, text string) {
		masked := set.Mask(text)
		if left := set.pieceLeft(masked); left != "" {
			t.Errorf("%q is left in %q", left, masked)
		}
		if again := set.Mask(masked); again != masked {
			t.Errorf("%q masked twice is %q", masked, again)
		}
		if masked == text && set.Find(text) != 0 {
			t.Errorf("%q has a secret, and is shown", text)
		}
	})
}

// TestLinear masks the worst texts of a megabyte, sixteen times as long as others,
// in not much more than sixteen times as long. What grew with the square took
// minutes.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	set := benchSet()
	for name, text := range texts {
		took := func(size int) time.Duration {
			long, begin := text(size), time.Now()
			set.Mask(long)
			return time.Since(begin)
		}
		short := min(took(64<<10), took(64<<10))
		if long := took(1 << 20); long > 8*16*short+time.Second {
			t.Errorf("%s: 64 KiB take %v, 1 MiB %v", name, short, long)
		}
	}
}
