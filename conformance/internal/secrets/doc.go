// Package secrets finds and masks what must not be shown: the pre-shared key of
// a run, the credentials of its target, and whatever else is declared.
//
// [New] takes all secrets of a run. [Set.Mask] puts something else in their
// place in a text, [Set.Find] reports which kinds of them a text has.
//
// A text is searched as it is and in every reading of it that a person, or a
// program, could undo: escapes of JSON, of URLs, of HTML and of a shell,
// quoted-printable, UTF-16 and UTF-32, hexadecimal with any separators, lists of
// byte values, Base64, gzip, zlib and deflate, each inside another up to four
// deep; in letters of either case, and backwards. Deflate alone has no mark: it is
// found where a text, or a row of Base64 or of digits, begins with it. In each reading:
//
//   - a secret of eight characters or more is found as a whole, and masked down
//     to its pieces of six characters;
//   - a piece of ten characters or more is a finding, as the whole is;
//   - a secret of four to seven characters is masked where it stands between
//     delimiters. A shorter one is none.
//
// Escapes of all kinds are read at once. A mark just before a piece may take its first
// character or two, "%" before "A9&lt;k" for instance, and a digit after "&#51" its
// last one: so much of a piece may stay to who reads one kind alone.
//
// A piece of less than ten characters that the public texts of New have is no
// secret: to mask a word of the document would spoil the evidence and hide nothing.
//
// The work is linear in the text and has a bound, whatever the text is. A text
// beyond the bound is not shown at all: what cannot be searched is withheld.
//
// No library is used: what an Aho-Corasick automaton would find among the forms
// of every secret in every encoding, a set of pieces finds in a few readings of
// the text, nested ones too, and in less memory.
package secrets
