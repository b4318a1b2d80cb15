#!/usr/bin/env bash
# Runs vpnconform, writes the reports, the outputs and the summary, and shows
# the annotations. It succeeds whatever the verdict is: the last step of
# action.yml fails after the reports are uploaded.
set -euo pipefail

# finish sets the outputs: the exit status and the report.
finish() {
	local verdicts=(conforms differs usage incomplete kit-error known-failing)
	{
		printf 'exit-code=%s\n' "$1"
		printf 'verdict=%s\n' "${verdicts[$1]-kit-error}"
		printf 'report=%s\n' "$2"
	} >>"$GITHUB_OUTPUT"
	exit 0
}

# annotate shows a text as an error, in which no line can be another command.
annotate() {
	local text=${1//'%'/'%25'}
	text=${text//$'\r'/'%0D'}
	printf '::error title=vpnconform::%s\n' "${text//$'\n'/'%0A'}"
}

refuse() {
	annotate "$1"
	printf '### vpnconform\n\n%s\n' "$1" >>"$GITHUB_STEP_SUMMARY"
	finish 2 ''
}

dir=$INPUT_REPORT_DIR
[ -n "$INPUT_TARGET" ] || refuse 'target is empty' # without one, the reference implementation would be tried
[ -n "$dir" ] || refuse 'report-dir is empty'
case $dir in *[[:cntrl:]]*) refuse 'report-dir has control characters' ;; esac
case $dir in /*) ;; *) dir=./$dir ;; esac
mkdir -p -- "$dir" || refuse 'report-dir cannot be made'
reports=(json=report.json html=report.html junit=junit.xml md=summary.md github=annotations.txt)
args=(run --target="$INPUT_TARGET")
for report in "${reports[@]}"; do
	rm -f -- "$dir/${report#*=}" # that of an earlier run
	args+=(--report="${report%%=*}=$dir/${report#*=}")
done
[ -z "$INPUT_CONFIG" ] || args+=(--config="$INPUT_CONFIG")
[ -z "$INPUT_LEVEL" ] || args+=(--level="$INPUT_LEVEL")
[ -z "$INPUT_KNOWN_FAILING" ] || args+=(--known-failing="$INPUT_KNOWN_FAILING")
while IFS= read -r line; do
	line=${line%$'\r'}
	[ -z "$line" ] || args+=("$line")
done <<<"$INPUT_ARGS"

# What a target answered must not be taken for a command of the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
code=0
"$PROGRAM" "${args[@]}" 2>&1 | tee -- "$dir/output.txt" || code=${PIPESTATUS[0]}
printf '\n::%s::\n' "$token"

last=$(awk -v RS= '{ last = $0 } END { print last }' "$dir/output.txt") # paragraph: the verdict, or the error
if [ -s "$dir/annotations.txt" ]; then
	cat -- "$dir/annotations.txt"
elif [ "$code" -ne 0 ]; then
	annotate "$last"
fi
if [ -s "$dir/summary.md" ]; then
	cat -- "$dir/summary.md" >>"$GITHUB_STEP_SUMMARY"
else
	# In an indented block nothing is markup. GitHub takes 1 MiB of a step.
	{
		printf '### vpnconform\n\n'
		sed 's/^/    /' <<<"$last"
		printf '\n<details><summary>Output</summary>\n\n'
		head -c 200000 -- "$dir/output.txt" | sed 's/^/    /'
		printf '\n\n</details>\n'
	} >>"$GITHUB_STEP_SUMMARY"
fi
[ -f "$dir/report.json" ] && finish "$code" "$INPUT_REPORT_DIR/report.json"
finish "$code" ''
