/*
 * relay.h - the other end of a pipe that a session process writes or reads: a
 * thread that carries what comes to where it belongs, or hashes it.
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define DIGEST_BYTES 32	/* SHA-256 */

struct relay {
	/* Set before relay_start(). */
	int from;		/* read to its end, then closed */
	int to;			/* written to; -1: nowhere */
	bool hash;		/* make a digest of what came */
	bool escape;		/* to is a terminal: control bytes as \xNN */
	bool close_to;
	/* True, or valid, after relay_end(). */
	bool ok;		/* everything came and was written */
	int error;		/* why it could not be written; 0: it could */
	uint8_t digest[DIGEST_BYTES];
	uint64_t bytes;
	pthread_t thread;
};

/* False: errno; from is closed then as well. */
bool relay_start(struct relay *);
void relay_end(struct relay *);
/* A pipe: ends[0] to read, ends[1] to write.  False: errno. */
bool relay_pipe(int ends[2]);

/* Digest of a whole regular file. */
bool digest_file(int fd, uint8_t ret[DIGEST_BYTES]);
/* As hexadecimal digits; buf of 2 * DIGEST_BYTES + 1. */
const char *digest_print(const uint8_t digest[DIGEST_BYTES], char *buf);

#endif
