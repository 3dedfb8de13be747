/*
 * resolve.c - what the machine's files say of name servers and hosts.  The
 * questions themselves are finder.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/net/resolver.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/utf16.h"

#define TEXT_MAX 65536u

bool
host_parse(const char *text, uint16_t port, struct net_addr *ret)
{
	struct net_addr a = { .port = port };

	if (inet_pton(AF_INET, text, a.b) == 1)
		a.family = 4;
	else if (inet_pton(AF_INET6, text, a.b) == 1)
		a.family = 6;
	else
		return false;
	*ret = a;
	return true;
}

/* The next line without its comment, cut into at most n words; false at the end of text. */
static bool
line_next(char **text, char **words, size_t n, size_t *ret_n)
{
	char *line = *text, *save = NULL, *end;

	*ret_n = 0;
	if (!*line)
		return false;
	end			  = line + strcspn(line, "\n");
	*text			  = *end ? end + 1 : end;
	*end			  = '\0';
	line[strcspn(line, "#;")] = '\0';
	for (char *w = strtok_r(line, " \t\r", &save); w && *ret_n < n;
	     w	     = strtok_r(NULL, " \t\r", &save))
		      words[(*ret_n)++] = w;
	return true;
}

void
resolver_read_conf(struct resolver *r, const char *text)
{
	char *copy = xstrdup(text), *at = copy, *words[2];
	size_t n;

	while (line_next(&at, words, NELEM(words), &n)) {
		if (n == 2 && strcmp(words[0], "nameserver") == 0 && r->n_servers < SERVERS_MAX &&
		    host_parse(words[1], DNS_PORT, &r->servers[r->n_servers]))
			r->n_servers++;
	}
	free(copy);
}

void
resolver_read_hosts(struct resolver *r, const char *text)
{
	char *copy = xstrdup(text), *at = copy, *words[16];
	struct net_addr addr;
	size_t n;

	while (line_next(&at, words, NELEM(words), &n)) {
		if (n < 2 || !host_parse(words[0], 0, &addr))
			continue;
		for (size_t i = 1; i < n && r->n_hosts < HOSTS_MAX; i++) {
			if (strlen(words[i]) > NAME_BOUND)
				continue;
			(void)snprintf(r->hosts[r->n_hosts].name, NAME_BOUND + 1, "%s", words[i]);
			r->hosts[r->n_hosts++].addr = addr;
		}
	}
	free(copy);
}

bool
resolver_host(const struct resolver *r, const char *name, struct net_addr *ret)
{
	for (size_t i = 0; i < r->n_hosts; i++) {
		if (utf8_casecmp(r->hosts[i].name, name) == 0) {
			*ret = r->hosts[i].addr;
			return true;
		}
	}
	return false;
}

/* The whole file as text, or "" if it is not there or too long. */
static void
file_read(const char *path, char text[TEXT_MAX])
{
	ssize_t n = -1;
	int fd	  = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = read(fd, text, TEXT_MAX - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
}

struct resolver *
resolver_new(struct loop *loop)
{
	struct resolver *r = xcalloc(1, sizeof *r);
	char *text	   = xcalloc(1, TEXT_MAX);

	r->loop = loop;
	file_read("/etc/resolv.conf", text);
	resolver_read_conf(r, text);
	file_read("/etc/hosts", text);
	resolver_read_hosts(r, text);
	free(text);
	return r;
}

void
resolver_drop(struct resolver *r)
{
	free(r);
}
