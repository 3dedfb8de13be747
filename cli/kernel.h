/*
 * kernel.h - the kernel's own word on a process, from /proc/PID/status: what
 * `bulkhead status` holds against what the process said of itself.
 */
#ifndef CLI_KERNEL_H
#define CLI_KERNEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_word {
	bool known;		/* the process was there and could be looked at */
	unsigned seccomp;	/* 0 off, 1 strict, 2 filter */
	bool no_new_privs;
	uint64_t cap_effective, cap_permitted;
	uint32_t uid;
};

/* text: the content of /proc/PID/status.  known is false if a line is missing. */
void kernel_parse(const char *text, struct kernel_word *ret);
void kernel_look(long pid, struct kernel_word *ret);

/* "seccomp no_new_privs caps=0xc0", "unreadable" */
void kernel_print(const json_t *process, char *buf, size_t n);
/* Adds "kernel": {...} to each process that can be looked at. */
void kernel_annotate(json_t *processes);
/*
 * True if the kernel denies a wall that the process claims; why says which.
 * What cannot be looked at is not denied.
 */
bool kernel_denies(const json_t *process, char *why, size_t n);

#endif
