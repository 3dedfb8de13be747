/*
 * dissect_input.h - what `bulkhead dissect` reads: a file or pipe of bytes, told
 * apart into captures and hexadecimal text.
 */
#ifndef CLI_DISSECT_INPUT_H
#define CLI_DISSECT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "dissect/pcap.h"

#define INPUT_BUFFER 65536

struct input {
	int fd;
	bool failed;	/* a read did */
	size_t at, end;
	uint8_t buffer[PCAP_HEAD + INPUT_BUFFER];	/* room before it to give bytes back */
};

/* A struct source's read, with a struct input as its ctx. */
size_t input_read(void *input, uint8_t *dst, size_t n);
/* Gives back what was read last, at most PCAP_HEAD bytes. */
void input_unread(struct input *, const uint8_t *bytes, size_t n);
/* The next byte, or -1. */
int input_byte(struct input *);

enum hex_result { HEX_MESSAGE, HEX_END, HEX_BROKEN };

/*
 * Digits up to an empty line or the end, into dst.  Blanks, ':' and ',' between
 * bytes, "0x" before them and comments from '#' are skipped; anything else is not
 * hexadecimal text.  *line counts the lines seen.
 */
enum hex_result hex_next(struct input *, uint8_t *dst, size_t cap, size_t *ret_n, unsigned *line);

#endif
