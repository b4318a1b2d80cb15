package calibrate_test

import (
	"context"
	"fmt"
	"os"

	"github.com/vpnconform/vpnconform/conformance/calibrate"
)

func ExampleRun() {
	m, err := calibrate.Run(context.Background(), calibrate.Options{Sample: 1}) // it takes a few seconds; all faults take minutes
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, kill := range m.Survivors() {
		fmt.Println(kill.Fault, "is noticed by no case")
	}
	fmt.Println("null score:", m.NullScore())
}

func ExampleWriteText() {
	m := &calibrate.Measurement{
		Cases: 3,
		Nulls: []calibrate.Null{{Name: "400"}, {Name: "201", Passed: []string{"Lend/example/fortnight"}}},
		Kills: []calibrate.Kill{
			{Fault: "ignores/Loan.days.maximum", Kind: "rule", Case: "Lend/Loan.days.maximum/above", Pointer: "/status", Level: "must", Changed: 1},
			{Fault: "answers-slowly", Kind: "context", Changed: 1},
		},
	}
	if err := calibrate.WriteText(os.Stdout, m); err != nil {
		fmt.Println(err)
	}
	// Output:
	// kind of fault          faults  killed  equivalent   survive
	// context                     1       0           0         1
	// rule                        1       1           0         0
	// all                         2       1           0         1
	//
	// survives: answers-slowly ()
	// null server 201 passes 1: Lend/example/fortnight
	// NOT CALIBRATED: null score 1 of 3 cases over 2 null servers; 1 of 2 faults killed, 0 equivalent, 1 survive
}
