/*
 * shell_complete.c - what TAB could mean: a command, an option, a share, a name on
 * the server or a local one.  Names that would steer the terminal are left out.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/fatal.h"
#include "cli/listing.h"
#include "cli/shell_candidates.h"
#include "cli/shell_words.h"

static void
complete_commands(struct candidates *cs, const char *start)
{
	for (size_t i = 0; i < cli_n_commands; i++) {
		if (cmd_in_shell(&cli_commands[i]))
			candidates_offer_if(cs, cli_commands[i].name, start, false);
	}
}

static void
complete_options(struct candidates *cs, const struct cli_cmd *cmd, const char *start)
{
	char name[64];

	for (enum cli_option o = 0; cmd && o < OPT_MAX; o++) {
		(void)snprintf(name, sizeof name, "--%s", option_name(o));
		if (cmd_options(cmd) & OPT_MASK(o))
			candidates_offer_if(cs, name, start, false);
	}
}

/* Asks without a word to say about what goes wrong. */
static json_t *
ask_quietly(struct cli *c, const struct place *p, const char *method, json_t *more)
{
	json_t *reply   = NULL;
	const char *why = "";
	nt status;

	if (!place_try(c, p, method, more, &reply, &status, &why))
		return NULL;
	if (!nt_failed(status))
		return reply;
	json_decref(reply);
	return NULL;
}

static void
complete_shares(struct cli *c, struct candidates *cs, const char *start)
{
	struct place server = place_server(&c->client->here);
	json_t *reply       = ask_quietly(c, &server, "client.shares", NULL), *share;
	size_t i;

	json_array_foreach(json_object_get(reply, "shares"), i, share) {
		const char *name = json_string_value(json_object_get(share, "name"));

		if (name)
			candidates_offer_if(cs, name, start, false);
	}
	json_decref(reply);
}

/* The part of a word before its last component, into dir of n bytes; returns the component. */
static const char *
split_word(const char *word, char *dir, size_t n)
{
	const char *slash = strrchr(word, '/');
	size_t len        = slash ? (size_t)(slash - word) + 1 : 0;

	if (len >= n)
		len = 0;
	memcpy(dir, word, len);
	dir[len] = '\0';
	return word + len;
}

static json_t *
next_page(struct cli *c, const struct place *dir, const char *pattern, json_t *cursor)
{
	json_t *more = json_pack("{s:s, s:o}", "pattern", pattern, "cursor", cursor);

	return ask_quietly(c, dir, "client.ls", more);
}

static void
complete_remote(struct cli *c, struct candidates *cs, const char *word, bool directories)
{
	char dir[URL_PATH], pattern[URL_PATH];
	const char *start = split_word(word, dir, sizeof dir);
	struct place p    = c->client->here;
	json_t *cursor    = json_integer(0);

	(void)snprintf(pattern, sizeof pattern, "%s*", start);
	if (!p.share[0] || url_is(word) || !path_join(p.path, sizeof p.path, dir)) {
		json_decref(cursor);
		return;
	}
	while (cursor) {
		json_t *page = next_page(c, &p, pattern, cursor), *entry;
		size_t i;

		cursor = NULL;
		json_array_foreach(json_object_get(page, "entries"), i, entry) {
			const char *name = json_string_value(json_object_get(entry, "name"));

			if (name && (!directories || entry_is_directory(entry)))
				candidates_offer_if(cs, name, start, entry_is_directory(entry));
		}
		if (json_integer_value(json_object_get(page, "cursor")) != 0 && cs->n < CANDIDATES_MAX)
			cursor = json_incref(json_object_get(page, "cursor"));
		json_decref(page);
	}
}

static void
complete_local(struct candidates *cs, const char *word, bool directories)
{
	char dir[URL_PATH], path[2 * URL_PATH];
	const char *start = split_word(word, dir, sizeof dir);
	DIR *d            = opendir(dir[0] ? dir : ".");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		struct stat st;
		bool is_dir;

		if (strncmp(e->d_name, start, strlen(start)) != 0 || strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 || (e->d_name[0] == '.' && start[0] != '.'))
			continue;
		(void)snprintf(path, sizeof path, "%s%s", dir, e->d_name);
		is_dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
		if (is_dir || !directories)
			candidates_offer(cs, e->d_name, is_dir);
	}
	if (d)
		(void)closedir(d);
}

/* Which kind of word each command wants. */
static const struct {
	const char *command;
	char first, others;	/* r remote, R remote directory, l local, L local directory,
				   s share, c command, n nothing, w words of `server` */
} wants[] = {
	{ "cd", 'R', 'n' }, { "lcd", 'L', 'n' }, { "lls", 'l', 'l' }, { "use", 's', 'n' },
	{ "help", 'c', 'n' }, { "put", 'l', 'l' }, { "mput", 'l', 'l' }, { "get", 'r', 'l' },
	{ "server", 'w', 'n' }, { "pwd", 'n', 'n' }, { "lpwd", 'n', 'n' }, { "quit", 'n', 'n' },
	{ "rmdir", 'R', 'R' }, { "tree", 'n', 'n' }, { "setsd", 'r', 'n' }, { "resume", 'g', 'r' },
	{ "shares", 'n', 'n' },
};

static char
wanted(const char *command, size_t operand)
{
	for (size_t i = 0; i < NELEM(wants); i++) {
		if (strcmp(wants[i].command, command) == 0)
			return operand == 1 ? wants[i].first : wants[i].others;
	}
	return 'r';
}

static void
complete_word(struct cli *c, struct candidates *cs, const struct words *w, const char *word,
    size_t operand)
{
	switch (wanted(w->word[0], operand)) {
	case 'r':
	case 'R':
		complete_remote(c, cs, word, wanted(w->word[0], operand) == 'R');
		break;
	case 'l':
	case 'L':
		complete_local(cs, word, wanted(w->word[0], operand) == 'L');
		break;
	case 's':
		complete_shares(c, cs, word);
		break;
	case 'c':
		complete_commands(cs, word);
		break;
	case 'w':
		candidates_offer_if(cs, "network", word, false);
		candidates_offer_if(cs, "sessions", word, false);
		break;
	case 'g':
		candidates_offer_if(cs, "get", word, false);
		candidates_offer_if(cs, "put", word, false);
		break;
	default:
		break;
	}
}

/* Bytes of the line that the last component of the word takes, as it was typed. */
static size_t
typed_bytes(const char *before, const struct words *w, const char *word)
{
	const char *slash = strrchr(word, '/'), *at = before + strlen(before);
	size_t left       = strlen(slash ? slash + 1 : word);

	if (!w->in_word)
		return 0;
	while (at > before && left > 0) {
		at--;
		left--;
		if (!w->quote && at > before && at[-1] == '\\')
			at--;
		else if (w->quote == '"' && (*at == '"' || *at == '\\') && at > before)
			at--;
	}
	return (size_t)(before + strlen(before) - at);
}

static size_t
operands_before(const struct words *w, size_t words)
{
	size_t n = 1;

	for (size_t i = 1; i < words; i++)
		n += w->word[i][0] != '-';
	return n;
}

void
shell_complete(struct cli *c, const char *before, struct candidates *ret)
{
	struct words *w = xcalloc(1, sizeof *w);
	struct cli_args name = { .n_operands = 1 };
	const char *line = before, *from = before, *word;
	size_t words, ignored;

	do {
		from = line;
		if (!words_read(&line, w))
			break;
	} while (*line);
	words      = w->n - (w->in_word ? 1 : 0);
	word       = w->in_word ? w->word[w->n - 1] : "";
	ret->quote = w->quote;
	ret->typed = typed_bytes(from, w, word);
	if (words == 0) {
		complete_commands(ret, word);
	} else if (word[0] == '-') {
		name.operands[0] = w->word[0];
		complete_options(ret, cmd_find(&name, &ignored), word);
	} else {
		complete_word(c, ret, w, word, operands_before(w, words));
	}
	free(w);
}
