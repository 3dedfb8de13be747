/* values.h - numbers and times as people type and read them. */
#ifndef CLI_VALUES_H
#define CLI_VALUES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"

/* The option's value from 1 to most, else otherwise.  EXIT_OK or EXIT_USAGE after a message. */
int option_number(const struct cli_args *, enum cli_option, unsigned long otherwise,
    unsigned long most, unsigned long *ret);

/* Unix ns, or local time "YYYY-MM-DD", "YYYY-MM-DD hh:mm[:ss]" (or with 'T'), or "now". */
bool time_parse(const char *text, int64_t *ret_ns);
#define TIME_TEXT 32
/* "2026-11-22 12:05:25" in local time; "-" for 0; buf of TIME_TEXT. */
const char *time_print(int64_t ns, char *buf);

#define SIZE_TEXT 24
/* "1023 B", "12.3 MiB"; buf of SIZE_TEXT. */
const char *size_print(uint64_t bytes, char *buf);

/* Attributes as letters, "DRHSA" order; buf of ATTRIBUTES_TEXT.  [MS-FSCC] 2.6 */
#define ATTRIBUTES_TEXT 16
const char *attributes_print(uint32_t attributes, char *buf);
#define ATTRIBUTE_DIRECTORY 0x10u
#define ATTRIBUTE_REPARSE   0x400u
/* The bit of one letter of "rhsaton"; 0 if it is none. */
uint32_t attribute_of(char letter);

/* Members of the API's answers. */
uint64_t json_u64_get(const json_t *, const char *key);	/* 0 if absent; large ones are strings */
const char *json_str_get(const json_t *, const char *key);	/* "" if absent */

/* May what is printed be coloured? */
bool colours_wanted(void);

#endif
