/*
 * asked.h - the requests of one connection whose answers are not there yet, and
 * the names of its open files: what an answer, or a FileId, cannot tell by itself.
 */
#ifndef DISSECT_ASKED_H
#define DISSECT_ASKED_H

#include "base/cursor.h"
#include "dissect/layout.h"
#include "proto/smb2/header.h"

#define ASKED_MAX	64
#define FILES_MAX	128
#define TREES_MAX	32
#define FILE_NAME_BYTES 256	/* UTF-16LE; a longer one is not remembered */

struct file_name {
	size_t n;
	bool is_pipe;
	uint8_t bytes[FILE_NAME_BYTES];
};

struct asked_request {
	bool used;
	uint64_t message_id, session_id;
	uint32_t tree_id;
	uint16_t command;
	uint8_t info_type, info_class;
	uint32_t ctl_code;
	struct file_name file;
};

struct open_file {
	bool used;
	uint64_t session_id;
	struct smb2_fid fid;
	struct file_name name;
};

struct asked_tree {
	uint64_t session_id;
	uint32_t tree_id;
	bool is_pipe;
};

/* Rings: the oldest makes room.  All zero at first. */
struct asked {
	struct asked_request requests[ASKED_MAX];
	struct open_file files[FILES_MAX];
	struct asked_tree trees[TREES_MAX];
	size_t next_request, next_file, next_tree;
	struct file_name last;	/* of the element before, for related ones */
};

/* What is known about the message before it is dissected; remembers what it says. */
void asked_see(struct asked *, const struct smb2_element *, struct dissect_hint *ret);

#endif
