package reference
import ("testing";"time";"fmt";"sort")
func TestZZ(t *testing.T){
 t0:=time.Now()
 all,err:=Faults(); if err!=nil{t.Fatal(err)}
 fmt.Println(len(all), time.Since(t0))
 t0=time.Now(); all,_=Faults(); fmt.Println(time.Since(t0))
 k:=map[string]int{}; for _,f:=range all{k[f.Kind]++}
 var ks []string; for x:=range k{ks=append(ks,x)}; sort.Strings(ks)
 for _,x:=range ks{fmt.Print(x,"=",k[x]," ")}
 t0=time.Now(); _,ok,_:=FindFault("rule/Dpd.timeout.maximum/not-pretty"); fmt.Println(ok,time.Since(t0))
 w,_:=newWorld(everyEnv()); m,_:=w.gather(); l:=w.largest(m); r,_:=w.requestOf(probe{body:l}); fmt.Println("largest",r.ContentLength)
}
