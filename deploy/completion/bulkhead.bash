# bash completion for bulkhead(1); words and options are what the command itself says.

_bulkhead_words()
{
	bulkhead help 2>/dev/null |
		sed -nE 's/^  ([a-z][a-z-]*( [a-z][a-z-]*)?)( +[^a-z ].*| +[a-z]+\|.*|  +.*)?$/\1/p'
}

_bulkhead()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=() w skip=0

	for w in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		if [ $skip = 1 ]; then skip=0; continue; fi
		case $w in
		-c | --config | -U | --user | --listen | --share) skip=1 ;;
		-*) ;;
		*) words+=("$w") ;;
		esac
	done
	case $prev in
	-c | --config | --password-file | --ccache | --keytab) COMPREPLY=($(compgen -f -- "$cur")); return ;;
	esac
	case $cur in
	-*) COMPREPLY=($(compgen -W "$(bulkhead help "${words[@]:0:2}" 2>/dev/null |
		grep -oE -- '--[a-z][a-z0-9-]*' | sort -u)" -- "$cur")); return ;;
	esac
	case ${#words[@]} in
	0) COMPREPLY=($(compgen -W "$(_bulkhead_words | sed 's/ .*//' | sort -u)" -- "$cur")) ;;
	1) w=$(_bulkhead_words | sed -n "s/^${words[0]} //p")
		[ -n "$w" ] || w=$(bulkhead help 2>/dev/null |
			sed -nE "s/^  ${words[0]} ([a-z]+(\|[a-z]+)+) .*/\1/p" | tr '|' ' ')
		if [ -n "$w" ]; then
			COMPREPLY=($(compgen -W "$w" -- "$cur"))
		else
			COMPREPLY=($(compgen -f -- "$cur"))
		fi ;;
	*) COMPREPLY=($(compgen -f -- "$cur")) ;;
	esac
}
complete -o filenames -F _bulkhead bulkhead
