/*
 * replay.c - runs a fuzz target over files and directories, where there is no
 * libFuzzer: seeds and findings are so repeated under any compiler.  A file
 * named *.hex is read as tests/vectors/ are: hex digits, '#' comments.
 */
#include <ctype.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1u << 20)

static uint8_t input[INPUT_MAX];
static size_t inputs;

/* In place; what is no hex digit only separates. */
static size_t
unhex(uint8_t *p, size_t n)
{
	size_t out = 0, digits = 0;
	int comment  = 0;
	unsigned acc = 0;

	for (size_t i = 0; i < n; i++) {
		comment = p[i] == '#' || (comment && p[i] != '\n');
		if (comment || !isxdigit(p[i]))
			continue;
		acc = acc << 4 | (unsigned)(isdigit(p[i]) ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
		if (++digits % 2 == 0)
			p[out++] = (uint8_t)acc;
	}
	return out;
}

/* In memory of exactly the input's size, so that the sanitizer sees each step beyond. */
static void
run(size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, input, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	inputs++;
}

static int
visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *dot = strrchr(path, '.');
	FILE *f;
	size_t n;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(input, 1, sizeof input, f);
	fclose(f);
	run(dot && strcmp(dot, ".hex") == 0 ? unhex(input, n) : n);
	return 0;
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (nftw(argv[i], visit, 16, FTW_PHYS) != 0)
			return 1;
	printf("%zu inputs\n", inputs);
	return inputs > 0 ? 0 : 1;
}
