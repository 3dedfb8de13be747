/*
 * dissect_print.h - what `bulkhead dissect` and `bulkhead trace` print of a message.
 */
#ifndef CLI_DISSECT_PRINT_H
#define CLI_DISSECT_PRINT_H

#include "cli/cli.h"
#include "dissect/tree.h"

enum form { FORM_LINE, FORM_TREE, FORM_JSON };

struct printer {
	enum form form;
	bool live;	/* somebody may be waiting at the end of a pipe */
	uint64_t start;	/* time of the first packet */
};

enum form printer_form(const struct cli *);
/* A struct follow_sink's message, with a struct printer as its ctx. */
void printer_message(void *printer, const struct tree *);

#endif
