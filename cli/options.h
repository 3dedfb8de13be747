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

/*
 *   word              letters value        help
 * A letter may stand in two rows: the command that takes one of them means that one, and both
 * take a value or neither.
 */
#define CLI_OPTIONS(O)                                                                         \
	O(CONFIG,             "c",  "FILE",      "the configuration file of the instance")       \
	O(HELP,               "h",  NULL,        "what the command does")                        \
	O(JSON,               "",   NULL,        "print the answer as JSON")                     \
	O(LISTEN,             "",   "ADDR:PORT", "accept SMB here; may be repeated")             \
	O(SHARE,              "",   "NAME=PATH", "serve this directory; may be repeated; trace: NAME alone")   \
	O(RW,                 "",   NULL,        "the shares named here may be written")         \
	O(GUEST,              "",   NULL,        "no account: serve to guests, or be one")       \
	O(USER,               "U",  "NAME",      "the account: who may log on, who to log on as, whose packets") \
	O(PASSWORD_STDIN,     "",   NULL,        "read the password from the first line of stdin") \
	O(PASSWORD_FILE,      "",   "FILE",      "read the password from the first line of FILE") \
	O(NT_HASH,            "",   "HEX",       "the NT hash instead of a password, 32 digits") \
	O(AES256,             "",   "HEX",       "an AES-256 key, 64 digits; -: from stdin")     \
	O(AES128,             "",   "HEX",       "an AES-128 key, 32 digits; -: from stdin")     \
	O(RC4,                "",   "HEX",       "an RC4 key, 32 digits; -: from stdin")         \
	O(KVNO,               "",   "N",         "the key's version, 1 if not said")             \
	O(AES_KEY,            "",   "HEX",       "the Kerberos key instead, 32 or 64 digits")    \
	O(CCACHE,             "",   "FILE",      "log on with the tickets of this cache")        \
	O(KEYTAB,             "",   "FILE",      "log on with the key of this keytab")           \
	O(TICKET,             "",   "FILE",      "log on with this ticket")                      \
	O(KEY,                "",   "HEX|FILE",  "the session key of a bare --ticket; with --connect a key file") \
	O(KERBEROS,           "",   "WHEN",      "required, desired (else NTLM) or off")         \
	O(SPN,                "",   "NAME",      "the server's principal, if not cifs/HOST")     \
	O(WORKSTATION,        "",   "NAME",      "what to call this machine in NTLM")            \
	O(MIN_DIALECT,        "",   "DIALECT",   "2.0.2, 2.1, 3.0, 3.0.2 or 3.1.1, no older one") \
	O(MAX_DIALECT,        "",   "DIALECT",   "no newer one than this")                       \
	O(REQUIRE_SIGNING,    "",   NULL,        "no session that is not signed")                \
	O(REQUIRE_ENCRYPTION, "",   NULL,        "no session that is not encrypted")             \
	O(CHANNELS,           "",   "N",         "TCP connections of the session, 1 to 8")       \
	O(NO_CACHE,           "",   NULL,        "keep no file under a lease, ask the server each time") \
	O(DFS,                "",   NULL,        "go on where a DFS referral leads, also to other servers") \
	O(NO_LINKS,           "",   NULL,        "stop at symbolic links of the server")         \
	O(TIMEOUT,            "",   "SECONDS",   "how long the server may take to answer")       \
	O(LONG,               "l",  NULL,        "a line each, with attributes, size and time")  \
	O(BY_TIME,            "t",  NULL,        "newest first")                                 \
	O(BY_SIZE,            "S",  NULL,        "largest first")                                \
	O(REVERSE,            "r",  NULL,        "the other way round")                          \
	O(RECURSIVE,          "rR", NULL,        "with everything below")                        \
	O(PARENTS,            "p",  NULL,        "the directories above as well; no error if there") \
	O(PRESERVE,           "p",  NULL,        "keep the times")                               \
	O(FORCE,              "f",  NULL,        "replace what is there; no error for what is not") \
	O(NO_CLOBBER,         "",   NULL,        "leave alone what is there")                    \
	O(IN_PLACE,           "",   NULL,        "write the file itself, not a new one in its place") \
	O(JOBS,               "j",  "N",         "files at the same time, 1 to 64 (4)")          \
	O(RESUME,             "",   NULL,        "go on where an interrupted transfer stopped")  \
	O(CHECKSUM,           "",   NULL,        "compare SHA-256 of both sides afterwards")     \
	O(INCLUDE,            "",   "GLOB",      "only files like this; may be repeated")        \
	O(EXCLUDE,            "",   "GLOB",      "nothing like this; may be repeated")           \
	O(DRY_RUN,            "n",  NULL,        "only say what would be done")                  \
	O(QUIET,              "q",  NULL,        "no progress")                                  \
	O(SACL,               "",   NULL,        "the auditing list as well")                    \
	O(CREATED,            "",   "TIME",      "set this time: Unix ns, or YYYY-MM-DD[ hh:mm[:ss]]") \
	O(WRITTEN,            "",   "TIME",      "the same, of the last write")                  \
	O(ACCESSED,           "",   "TIME",      "the same, of the last access")                 \
	O(CHANGED,            "",   "TIME",      "the same, of the last change")                 \
	O(COMMAND,            "c",  "TEXT",      "run these commands, with ';' between them; trace: names, with ','")    \
	O(KEEP_GOING,         "k",  NULL,        "go on after a command that failed")          \
	O(BACKUP,             "",   NULL,        "with the rights of who makes backups, if one has them") \
	O(ATTRIBUTES,         "",   "LETTERS",   "+rhsaton sets, -rhsaton clears; may be repeated") \
	O(TREE,               "",   NULL,        "every field, on lines of their own")           \
	O(SESSION_KEY,        "",   "ID:KEY[:S2C:C2S]", "a session's keys, as tshark takes them") \
	O(SESSION_KEY_FILE,   "",   "FILE",      "lines of such keys, as Wireshark keeps them") \
	O(OUT,                "o",  "FILE",      "write to it; ccache:, keytab: or kirbi: before it say how") \
	O(LIFETIME,           "",   "SECONDS",   "how long the ticket shall last")               \
	O(RENEWABLE,          "",   "SECONDS",   "how long it shall be possible to renew it")  \
	O(CONNECT,            "",   "tcp://HOST:PORT", "ask a server on another machine; needs --key FILE") \
	O(ADMIN,              "",   NULL,        "the key may ask everything")                      \
	O(STORAGE,            "",   NULL,        "the key is of a host with shares of ours")         \
	O(SESSION,            "",   "ID",        "only packets of this session")                 \
	O(CLIENT,             "",   "ADDR[:PORT]", "only packets of this client")                \
	O(PAYLOAD,            "",   NULL,        "also what is read, written and called")        \
	O(PCAP,               "",   "FILE",      "write a capture instead; -: to stdout")        \
	O(COUNT,              "",   "N",         "end after so many packets")                    \
	O(SECONDS,            "",   "N",         "end after so long")

#define CLI_OPTION_WORD(word, letter, value, help) OPT_##word,
enum cli_option { CLI_OPTIONS(CLI_OPTION_WORD) OPT_MAX };
#undef CLI_OPTION_WORD

/* A command's options are bits of one word. */
__extension__ typedef unsigned __int128 opt_mask;
_Static_assert(OPT_MAX <= 128, "more options than bits");

#define OPT_MASK(o)    ((opt_mask)1 << (o))
#define OPT_BIT(word)  OPT_MASK(OPT_##word)
#define OPT_ANY        (~(opt_mask)0)
#define OPT_ALWAYS     (OPT_BIT(CONFIG) | OPT_BIT(HELP) | OPT_BIT(JSON))

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

/*
 * mine: the options of the command itself, whose letters come first; OPT_ANY while it is not known.
 * False: why (of size n) says what is wrong.
 */
bool options_parse(struct cli_args *ret, opt_mask mine, int argc, char *const *argv, char *why,
    size_t n);

bool options_has(const struct cli_args *, enum cli_option);
/* The last value given, or NULL. */
const char *options_value(const struct cli_args *, enum cli_option);
/* OPT_BIT() of each option given. */
opt_mask options_mask(const struct cli_args *);

const char *option_name(enum cli_option);	/* "password-stdin" */
char option_letter(enum cli_option);		/* the first; 0: none */
const char *option_metavar(enum cli_option);	/* NULL: takes no value */
const char *option_help(enum cli_option);

#endif
