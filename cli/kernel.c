/* kernel.c - /proc/PID/status against what a process says of its walls. */
#include "cli/kernel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_MAX 8192

/* The value of a "Key:\tvalue" line; false if there is none. */
static bool
value_of(const char *text, const char *key, int base, uint64_t *ret)
{
	size_t n = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, n) == 0 && line[n] == ':') {
			*ret = strtoull(line + n + 1, NULL, base);
			return true;
		}
	}
	return false;
}

void
kernel_parse(const char *text, struct kernel_word *ret)
{
	uint64_t seccomp, nnp, uid;

	*ret = (struct kernel_word){ 0 };
	if (!value_of(text, "Seccomp", 10, &seccomp) || !value_of(text, "NoNewPrivs", 10, &nnp) ||
	    !value_of(text, "CapEff", 16, &ret->cap_effective) ||
	    !value_of(text, "CapPrm", 16, &ret->cap_permitted) || !value_of(text, "Uid", 10, &uid))
		return;
	ret->seccomp      = (unsigned)seccomp;
	ret->no_new_privs = nnp != 0;
	ret->uid          = (uint32_t)uid;
	ret->known        = true;
}

void
kernel_look(long pid, struct kernel_word *ret)
{
	char path[64], text[STATUS_MAX];
	size_t n;
	FILE *f;

	*ret = (struct kernel_word){ 0 };
	(void)snprintf(path, sizeof path, "/proc/%ld/status", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	n       = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	kernel_parse(text, ret);
}

static void
look_at(const json_t *process, struct kernel_word *ret)
{
	kernel_look((long)json_integer_value(json_object_get(process, "pid")), ret);
}

void
kernel_print(const json_t *process, char *buf, size_t n)
{
	struct kernel_word k;

	look_at(process, &k);
	if (!k.known)
		(void)snprintf(buf, n, "unreadable");
	else
		(void)snprintf(buf, n, "%s%scaps=%#" PRIx64, k.seccomp == 2 ? "seccomp " : "",
		    k.no_new_privs ? "no_new_privs " : "", k.cap_permitted);
}

void
kernel_annotate(json_t *processes)
{
	struct kernel_word k;
	json_t *process;
	size_t i;

	json_array_foreach(processes, i, process) {
		look_at(process, &k);
		if (!k.known)
			continue;
		(void)json_object_set_new(process, "kernel",
		    json_pack("{s:i, s:b, s:I, s:I, s:I}", "seccomp", (int)k.seccomp, "no_new_privs",
			k.no_new_privs, "cap_effective", (json_int_t)k.cap_effective,
			"cap_permitted", (json_int_t)k.cap_permitted, "uid", (json_int_t)k.uid));
	}
}

static bool
claims(const json_t *process, const char *wall)
{
	size_t i;
	json_t *word;

	json_array_foreach(json_object_get(process, "walls"), i, word) {
		if (json_is_string(word) && strcmp(json_string_value(word), wall) == 0)
			return true;
	}
	return false;
}

bool
kernel_denies(const json_t *process, char *why, size_t n)
{
	struct kernel_word k;
	const char *wall = NULL;
	const json_t *role;

	look_at(process, &k);
	if (!k.known)
		return false;
	if (claims(process, "seccomp") && k.seccomp != 2)
		wall = "seccomp";
	else if (claims(process, "no_new_privs") && !k.no_new_privs)
		wall = "no_new_privs";
	if (!wall)
		return false;
	role = json_object_get(process, "role");
	(void)snprintf(why, n, "%s says it has %s, the kernel says it has not",
	    json_is_string(role) ? json_string_value(role) : "a process", wall);
	return true;
}
