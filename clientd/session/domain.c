/*
 * domain.c - a session whose server is a domain: its address is that of some
 * controller, but tickets are for a controller's own name.  Who it is says a DC
 * referral, asked for as nobody.  [MS-DFSC] 3.1.4.1 step 5, 3.1.5.4.2
 *
 * Nothing proves that answer.  So only names below the domain's are taken (We differ:
 * a controller may have a name elsewhere), and the ticket is for a server of that name.
 */
#include "base/log.h"
#include "clientd/session/dfs.h"

#define CONTROLLERS_MAX 4u	/* that are tried */

/* "\dc1.corp.example.com" of "corp.example.com", "\DC1" of "CORP".  NULL: not of this domain. */
static const char *
controller_of(struct span utf16, const char *domain)
{
	char *text = fiber_alloc(2 * NAME_BOUND);
	size_t n, tail = strlen(domain);

	if (nt_failed(utf16_to_utf8(utf16, text, 2 * NAME_BOUND, &n)))
		return NULL;
	while (*text == '\\')
		text++;
	n = strlen(text);
	if (n == 0 || n > NAME_BOUND || strpbrk(text, "\\/@"))
		return NULL;
	if (!strchr(domain, '.'))
		return strchr(text, '.') ? NULL : text;
	if (n < tail + 2 || text[n - tail - 1] != '.' || utf8_casecmp(text + n - tail, domain) != 0)
		return NULL;
	return text;
}

static nt
controllers_ask(struct session *nobody, const char *domain, const char *ret[CONTROLLERS_MAX])
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct wr p = wr_init(fiber_alloc(2 * NAME_BOUND + 2), 2 * NAME_BOUND + 2);
	struct dfs_names names;
	struct span output;
	size_t n = 0;

	wr_u16(&p, '\\');
	(void)wr_utf16(&p, domain);
	TRY(where_of(nobody, "IPC$", &w));
	TRY(dfs_ask(&w, wr_done(&p), &m, &output));
	ANSWER(dfs_names_decode(output, &names));
	for (unsigned i = 0; i < names.count && n < CONTROLLERS_MAX; i++) {
		ret[n] = controller_of(names.name[i], domain);
		n += ret[n] != NULL;
	}
	return n > 0 ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

/* There is no ticket for the host: [RFC4120] 7.5.9, KDC_ERR_S_PRINCIPAL_UNKNOWN, as cred says it. */
static bool
may_be_domain(const struct session *s, nt status)
{
	return (s->flags & CLIENT_DFS) && s->cred != 0 && !s->spn[0] && !s->closed &&
	       (nt_is(status, STATUS_NOT_FOUND) || nt_is(status, STATUS_NOT_SUPPORTED));
}

static nt
controllers_find(struct session *s, const char *ret[CONTROLLERS_MAX])
{
	struct session *nobody;
	nt status;

	TRY(session_nobody(s, &nobody));
	session_hold(nobody);
	status = controllers_ask(nobody, s->host, ret);
	session_close(nobody);
	session_release(nobody);
	return status;
}

nt
domain_connect(struct session *s)
{
	const char *name[CONTROLLERS_MAX] = { 0 };
	nt first = session_connect(s), status = first;

	if (!nt_failed(first) || !may_be_domain(s, first) || nt_failed(controllers_find(s, name)))
		return first;
	for (size_t i = 0; i < CONTROLLERS_MAX && name[i] && !s->closed; i++) {
		(void)snprintf(s->controller, sizeof s->controller, "%s", name[i]);
		log_info("a domain's controller domain=%s server=%s", log_qs(s->host),
			 log_qs(name[i]));
		status = session_connect(s);
		if (!nt_failed(status))
			return status;
		TRY(fiber_check());
	}
	s->controller[0] = '\0';
	return status;
}
