package generator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	odd "github.com/vpnconform/vpnconform/generator/testdata/odd"
)

// oddity is the generated code for the body of an operation.
type oddity struct {
	decode   func([]byte) (any, []odd.Violation)
	validate func([]byte) ([]odd.Violation, bool) // of the value that encoding/json reads, false if it cannot
}

func newOddity[T any](decode func([]byte) (*T, odd.Violations)) oddity {
	return oddity{
		decode: func(data []byte) (any, []odd.Violation) {
			v, violations := decode(data)
			if v == nil {
				return nil, violations
			}
			return *v, violations
		},
		validate: func(data []byte) ([]odd.Violation, bool) {
			var v T
			if jsonv2.Unmarshal(data, &v) != nil {
				return nil, false
			}
			validator, ok := any(&v).(interface{ Validate() odd.Violations })
			if !ok {
				return nil, false
			}
			again, err := json.Marshal(v)
			return validator.Validate(), err == nil && cmp.Equal(same(again), same(data))
		},
	}
}

// same is a body without its form.
func same(data []byte) any {
	var value any
	_ = json.Unmarshal(data, &value) // two that are no JSON are the same
	return value
}

func oddities() map[string]oddity {
	return map[string]oddity{
		"wide": newOddity(odd.DecodeWide), "text": newOddity(odd.DecodeTextJSONRequestBody), "colour": newOddity(odd.DecodeColour),
		"number": newOddity(odd.DecodeNumberJSONRequestBody), "map": newOddity(odd.DecodeMapJSONRequestBody),
		"free": newOddity(odd.DecodeFreeJSONRequestBody), "names": newOddity(odd.DecodeNames), "nulls": newOddity(odd.DecodeNulls),
	}
}

// wide is a body with 70 members but for those left out.
func wide(without ...int) string {
	var members []string
	for i := range 70 {
		value := `"x"`
		if i%2 == 1 {
			value = "1"
		}
		if !slices.Contains(without, i) {
			members = append(members, fmt.Sprintf(`"m%d":%s`, i, value))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// bodies are some for every operation.
func bodies() map[string][]string {
	nulls := func(members string) string { return `{"text":null,"list":null,"object":null` + members + `}` }
	return map[string][]string{
		"wide":   {wide(), wide(0), wide(63), wide(64), wide(69), wide(0, 1, 62, 63, 64, 65, 69), strings.Replace(wide(), `"m64":"x"`, `"m64":1`, 1), `{}`},
		"text":   {`"abc"`, `"abcd"`, `""`, `"éüö"`, `5`, `null`, `[]`},
		"colour": {`"red"`, `"blue"`, `null`, `5`, `{}`},
		"number": {`0`, `-1`, `1.5`, `null`, `"1"`, `[]`},
		"map":    {`{}`, `{"a":{}}`, `{"a":{"items":["x"],"lid":{"open":true}},"b":{"items":[1]}}`, `{"a":null}`, `[]`, `null`},
		"free":   {`{}`, `{"a":1}`, `{"a":[{}],"b":null}`, `{"a":1,"b":2,"c":3}`, `[]`, `null`},
		"names": {
			`{"a/b~c":"x"}`, `{"a/b~c":""}`, `{}`, `{"a/b~c":5,"type":5,"range":"x"," ":0,"ünï":"abc"}`, `{"a/b~c":"x","type":"t","range":1," ":true,"ünï":"éé"}`,
			`{"a/b~c":"x","boxes":{"count":1,"box":{"items":["a"]}},"another":{}}`, `{"a/b~c":"x","boxes":null,"another":null}`,
		},
		"nulls": {
			nulls(``), `{}`, `{"text":"a","list":[],"object":{}}`, `{"text":"ab","list":[1,null],"object":{"items":null}}`, `{"text":5,"list":{},"object":[]}`,
			nulls(`,"colour":null`), nulls(`,"colour":"red"`), nulls(`,"colour":"blue"`), nulls(`,"plain":5,"word":"ab"`), nulls(`,"plain":4,"word":"a"`),
			nulls(`,"plain":null,"word":null`), nulls(`,"empty":{}`), nulls(`,"empty":{"a":1}`), nulls(`,"empty":[]`), nulls(`,"empty":null`),
			nulls(`,"boxes":[null,{},{"lid":{"open":1}}]`), nulls(`,"boxes":[]`), nulls(`,"numbers":{"a":null,"b":1.5}`), nulls(`,"numbers":{"a":"x"}`),
		},
	}
}

// What a generator easily gets wrong is judged as kin-openapi does it, and read as jsonv2 reads it.
func TestOddities(t *testing.T) {
	doc := document(t, "odd")
	all := bodies()
	for name, o := range oddities() {
		t.Run(name, func(t *testing.T) {
			operation, ok := doc.Operation(name)
			if !ok || len(all[name]) == 0 {
				t.Fatal("no such operation, or no bodies")
			}
			schema := operation.JSON().Value
			for _, body := range all[name] {
				value, violations := o.decode([]byte(body))
				want := plainly(schema, []byte(body))
				if diff := cmp.Diff(want, found(violations)); diff != "" {
					t.Errorf("Decode %.60s (-kin-openapi +generated):\n%s", body, diff)
				}
				if violations == nil && body != "null" && !strings.Contains(body, `"colour":null`) { // which Go cannot tell from none
					again, err := json.Marshal(value)
					if diff := cmp.Diff(same([]byte(body)), same(again)); diff != "" || err != nil {
						t.Errorf("%.60s: %v (-read +written):\n%s", body, err, diff)
					}
				}
				if violations, ok := o.validate([]byte(body)); ok {
					if diff := cmp.Diff(want, found(violations)); diff != "" {
						t.Errorf("Validate %.60s (-kin-openapi +generated):\n%s", body, diff)
					}
				}
			}
		})
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(oddities())), slices.Sorted(maps.Keys(all))); diff != "" {
		t.Errorf("operations (-code +bodies):\n%s", diff)
	}
}

// A member that comes twice is found on both sides of the 64th.
func TestWideTwice(t *testing.T) {
	for _, i := range []int{0, 63, 64, 69} {
		body := strings.TrimSuffix(wide(), "}") + fmt.Sprintf(`,"m%d":null}`, i)
		_, violations := odd.DecodeWide([]byte(body))
		if diff := cmp.Diff([]string{fmt.Sprintf("/m%d duplicate", i)}, found(violations)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
