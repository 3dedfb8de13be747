/*
 * options.c - parses a command line against the table in options.h.
 *
 * Long options may be written --name VALUE or --name=VALUE, short ones -c VALUE
 * or -cVALUE, without values together (-lt); "--" ends them; "-" alone is an operand.
 */
#include "cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/nt.h"

struct option_row {
	const char *word;	/* PASSWORD_STDIN */
	const char *letters;
	const char *metavar;
	const char *help;
};

#define OPTION_ROW(word, letters, value, help) { #word, letters, value, help },
static const struct option_row rows[] = { CLI_OPTIONS(OPTION_ROW) };
#undef OPTION_ROW

#define OPTION_NAME_MAX 32

/* The table's word as people type it: lower case, '-' for '_'. */
static void
name_of_word(const char *word, char name[OPTION_NAME_MAX])
{
	size_t i;

	for (i = 0; word[i] && i < OPTION_NAME_MAX - 1; i++)
		name[i] = word[i] == '_' ? '-' : (char)(word[i] | 0x20);
	name[i] = '\0';
}

const char *
option_name(enum cli_option o)
{
	static char names[OPT_MAX][OPTION_NAME_MAX];

	if (!names[o][0])
		name_of_word(rows[o].word, names[o]);
	return names[o];
}

char
option_letter(enum cli_option o)
{
	return rows[o].letters[0];
}

const char *
option_metavar(enum cli_option o)
{
	return rows[o].metavar;
}

const char *
option_help(enum cli_option o)
{
	return rows[o].help;
}

/* A parse under way. */
struct parse {
	struct cli_args *args;
	opt_mask mine;
	int argc, at;
	char *const *argv;
	char *why;
	size_t why_size;
};

__attribute__((format(printf, 2, 3))) static bool
refuse(struct parse *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(p->why, p->why_size, fmt, ap);
	va_end(ap);
	return false;
}

/* The option's value is attached (or NULL), or the next argument. */
static bool
take(struct parse *p, enum cli_option o, const char *attached)
{
	struct cli_given *g = &p->args->given[p->args->n_given];

	if (p->args->n_given == CLI_GIVEN)
		return refuse(p, "more than %d options", CLI_GIVEN);
	if (!rows[o].metavar && attached)
		return refuse(p, "--%s takes no value", option_name(o));
	if (rows[o].metavar && !attached) {
		if (p->at == p->argc)
			return refuse(p, "--%s needs %s", option_name(o), rows[o].metavar);
		attached = p->argv[p->at++];
	}
	*g = (struct cli_given){ o, attached };
	p->args->n_given++;
	return true;
}

static bool
take_long(struct parse *p, const char *arg)
{
	const char *eq = strchr(arg, '=');
	size_t n       = eq ? (size_t)(eq - arg) : strlen(arg);

	for (enum cli_option o = 0; o < OPT_MAX; o++) {
		if (strlen(option_name(o)) == n && strncmp(option_name(o), arg, n) == 0)
			return take(p, o, eq ? eq + 1 : NULL);
	}
	return refuse(p, "unknown option --%.*s", (int)n, arg);
}

/*
 * OPT_MAX if no command has it.  Before the command's word a letter is first of all one of
 * the options that all commands have: `bulkhead -c FILE shell URL -c TEXT`.
 */
static enum cli_option
letter_find(const struct parse *p, char letter)
{
	enum cli_option found = OPT_MAX;
	opt_mask first        = p->args->n_operands > 0 ? p->mine : OPT_ALWAYS;

	for (enum cli_option o = 0; o < OPT_MAX; o++) {
		if (!strchr(rows[o].letters, letter))
			continue;
		if (first & OPT_MASK(o))
			return o;
		if (found == OPT_MAX || (p->mine & OPT_MASK(o) && !(p->mine & OPT_MASK(found))))
			found = o;
	}
	return found;
}

static bool
take_short(struct parse *p, const char *arg)
{
	for (; *arg; arg++) {
		enum cli_option o = letter_find(p, *arg);

		if (o == OPT_MAX && p->mine == OPT_ANY)
			continue;	/* the second reading knows whose it is */
		if (o == OPT_MAX)
			return refuse(p, "unknown option -%s; names that begin with '-' go after --", arg);
		if (rows[o].metavar)
			return take(p, o, arg[1] ? arg + 1 : NULL);
		if (!take(p, o, NULL))
			return false;
	}
	return true;
}

/* "-rh" of `attrib`, which options do not look like anywhere else. */
static bool
is_attributes(const struct parse *p, const char *arg)
{
	return p->mine != OPT_ANY && p->args->n_operands > 0 &&
	    p->mine & OPT_BIT(ATTRIBUTES) && arg[0] == '-' && arg[1] &&
	    strspn(arg + 1, "rhsaton") == strlen(arg + 1);
}

static bool
take_operand(struct parse *p, const char *arg)
{
	if (p->args->n_operands == CLI_OPERANDS)
		return refuse(p, "more than %d operands", CLI_OPERANDS);
	p->args->operands[p->args->n_operands++] = arg;
	return true;
}

bool
options_parse(struct cli_args *ret, opt_mask mine, int argc, char *const *argv, char *why, size_t n)
{
	struct parse p     = { ret, mine, argc, 1, argv, why, n };
	bool only_operands = false;

	*ret = (struct cli_args){ 0 };
	while (p.at < argc) {
		const char *arg = argv[p.at++];
		bool ok;

		if (only_operands || arg[0] != '-' || !arg[1] || is_attributes(&p, arg))
			ok = take_operand(&p, arg);
		else if (strcmp(arg, "--") == 0)
			ok = only_operands = true;
		else if (arg[1] == '-')
			ok = take_long(&p, arg + 2);
		else
			ok = take_short(&p, arg + 1);
		if (!ok)
			return false;
	}
	return true;
}

const char *
options_value(const struct cli_args *a, enum cli_option o)
{
	const char *value = NULL;

	for (size_t i = 0; i < a->n_given; i++) {
		if (a->given[i].option == o)
			value = a->given[i].value;
	}
	return value;
}

opt_mask
options_mask(const struct cli_args *a)
{
	opt_mask mask = 0;

	for (size_t i = 0; i < a->n_given; i++)
		mask |= OPT_MASK(a->given[i].option);
	return mask;
}

bool
options_has(const struct cli_args *a, enum cli_option o)
{
	return (options_mask(a) & OPT_MASK(o)) != 0;
}
