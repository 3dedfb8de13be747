/* way.c - a descriptor here, a ferry to another machine. */
#include "cli/way.h"

#include <string.h>

#include "cli/ferry.h"
#include "cli/pass.h"

bool
way_lend(struct cli *c, uint64_t job, int fd, json_t *request, const char **ret_why)
{
	char token[PASS_TOKEN];

	if (!api_path(c->api)[0])
		return ferry_lend(c->api, job, fd, ret_why) && ferry_request(c->api, job, request);
	return pass_fd(c->runtime, fd, token, ret_why) &&
	    json_object_set_new(request, "local", json_string(token)) == 0;
}

void
way_end(struct cli *c, uint64_t job)
{
	ferry_end(c->api, job);
}

void
way_rest(struct cli *c)
{
	ferry_rest(c->api);
}

uint64_t
way_moved(const struct cli *c, uint64_t job)
{
	return ferry_moved(c->api, job);
}

const char *
way_error(const struct cli *c, uint64_t job)
{
	int e = ferry_error(c->api, job);

	return e ? strerror(e) : NULL;
}
