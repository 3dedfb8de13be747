/*
 * trace_read.c - which packets a script wants: words and addresses.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "broker/api/hook.h"
#include "broker/api/trace.h"

static nt
refuse(char *why, const char *sentence)
{
	(void)snprintf(why, JSON_WHY, "%s", sentence);
	return STATUS_INVALID_PARAMETER;
}

static nt
commands_read(const char *words, uint32_t *ret, char *why)
{
	while (words && *words) {
		size_t n = strcspn(words, ",");
		uint16_t i = 0;

		while (i < SMB2_CMD_MAX && (strlen(hook_commands[i]) != n ||
					    strncasecmp(hook_commands[i], words, n) != 0))
			i++;
		if (i == SMB2_CMD_MAX)
			return refuse(why, "commands are names of SMB2 commands with commas, as "
					   "CREATE,CLOSE");
		*ret |= 1u << i;
		words += n + (words[n] == ',');
	}
	return STATUS_SUCCESS;
}

nt
address_read(const char *text, struct net_addr *ret, char *why)
{
	if (!text || !*text || !nt_failed(addr_parse(text, ret)) ||
	    !nt_failed(addr_parse_host(text, ret)))
		return STATUS_SUCCESS;
	return refuse(why, "client is an address, perhaps with a port: 192.0.2.1, [2001:db8::1]:445");
}

nt
trace_read(const struct trace_add_req *req, struct trace_tap_req *ret, char *why)
{
	if (req->snap > TRACE_SNAP_MAX)
		return refuse(why, "snap is at most 1052672");
	TRY(commands_read(req->commands.s, &ret->commands, why));
	TRY(address_read(req->client.s, &ret->client, why));
	ret->session = req->session;
	ret->user    = req->user;
	ret->share   = req->share;
	ret->payload = req->payload;
	ret->snap    = req->snap > 0 ? req->snap : TRACE_SNAP;
	return STATUS_SUCCESS;
}
