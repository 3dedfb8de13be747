/*
 * options.h - every option of the command, once, and the parser that takes
 * options before and after operands.  Which command accepts which option is in
 * commands.c; an option has the same meaning wherever it is accepted.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*   word            letter  value        help */
#define CLI_OPTIONS(O)                                                                       \
	O(CONFIG,         'c', "FILE",      "the configuration file of the instance")         \
	O(HELP,           'h', NULL,        "what the command does")                           \
	O(JSON,            0,  NULL,        "print the answer as JSON")                        \
	O(LISTEN,          0,  "ADDR:PORT", "accept SMB here; may be repeated")                \
	O(SHARE,           0,  "NAME=PATH", "serve this directory; may be repeated")           \
	O(RW,              0,  NULL,        "the shares named here may be written")            \
	O(GUEST,           0,  NULL,        "the shares named here need no account")           \
	O(USER,            0,  "NAME",      "only these accounts may log on; several may follow")   \
	O(PASSWORD_STDIN,  0,  NULL,        "read the password from the first line of stdin")  \
	O(PASSWORD_FILE,   0,  "FILE",      "read the password from the first line of FILE")   \
	O(NT_HASH,         0,  "HEX",       "the NT hash instead of a password, 32 digits")

#define CLI_OPTION_WORD(word, letter, value, help) OPT_##word,
enum cli_option { CLI_OPTIONS(CLI_OPTION_WORD) OPT_MAX };
#undef CLI_OPTION_WORD

#define OPT_BIT(word) (1u << OPT_##word)

#define CLI_OPERANDS 64
#define CLI_GIVEN    256

struct cli_given {
	enum cli_option option;
	const char *value;	/* NULL if it takes none */
};

/* A parsed command line; everything points into argv. */
struct cli_args {
	const char *operands[CLI_OPERANDS];
	size_t n_operands;
	struct cli_given given[CLI_GIVEN];
	size_t n_given;
};

/* False: why (of size n) says what is wrong. */
bool options_parse(struct cli_args *ret, int argc, char *const *argv, char *why, size_t n);

bool options_has(const struct cli_args *, enum cli_option);
/* The last value given, or NULL. */
const char *options_value(const struct cli_args *, enum cli_option);
/* OPT_BIT() of each option given. */
uint32_t options_mask(const struct cli_args *);

const char *option_name(enum cli_option);	/* "password-stdin" */
char option_letter(enum cli_option);		/* 0: none */
const char *option_metavar(enum cli_option);	/* NULL: takes no value */
const char *option_help(enum cli_option);

#endif
