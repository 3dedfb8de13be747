/*
 * layout.h - what stands where in a structure, as a table: its fields in their
 * order, and the parts that some of them point to.  One table serves to take a
 * packet apart (walk.c) and to put one together (build.c).
 *
 * The tables know where things are, not what is right: whether a body is well
 * formed is asked of the decoder in proto/ that the server uses.
 */
#ifndef DISSECT_LAYOUT_H
#define DISSECT_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "dissect/tree.h"
#include "proto/smb2/header.h"

enum field_type {
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_TIME,	/* FILETIME */
	FIELD_FID,	/* FileId: Persistent, Volatile */
	FIELD_GUID,
	FIELD_KEY,	/* sixteen bytes: signature, lease key, nonce */
	FIELD_RESUME,	/* 24 bytes: a resume key */
};

enum field_role {
	ROLE_NONE,
	ROLE_STRUCTURE_SIZE,
	ROLE_OFFSET,	/* of part number .part, counted from the header */
	ROLE_LENGTH,
	ROLE_COUNT,	/* … of its items, part.unit bytes each */
};

struct field {
	const char *name;
	uint8_t type;	/* enum field_type */
	uint8_t role;	/* enum field_role */
	uint8_t part;
	bool in_line;
	const struct names *names;
};

enum part_kind {
	PART_BYTES,
	PART_UTF16,	/* a name */
	PART_U16S,	/* a list of numbers */
	PART_ITEMS,	/* structures of layout .item, one behind the other */
	PART_CREATE_CONTEXTS,
	PART_NEGOTIATE_CONTEXTS,
};

struct layout;
struct walk;

struct part {
	const char *name;
	uint8_t kind;	/* enum part_kind */
	uint8_t align;	/* of its offset; 0: any */
	uint8_t unit;	/* bytes of one item, if a field counts items; 0: a length in bytes */
	bool follows;	/* stands right behind the fixed fields; no offset says where */
	bool in_line;
	const struct names *names;		/* PART_U16S */
	const struct layout *item;		/* PART_ITEMS */
	void (*look)(struct walk *, struct span);	/* what the bytes mean; adds to the tree */
};

#define FIELDS_MAX 24
#define PARTS_MAX  2

struct layout {
	const char *name;	/* "CREATE Request" */
	uint16_t structure_size;	/* 0: has no such field */
	uint8_t n_fields, n_parts;
	const struct field *fields;
	const struct part *parts;
	nt (*check)(struct rd *);	/* proto's decoder: is it well formed? */
};

/* What only the rest of the connection can tell about a message; all zero: nothing. */
struct dissect_hint {
	uint16_t dialect;
	bool request_known;	/* of a response: what was asked for */
	uint8_t info_type, info_class;
	uint32_t ctl_code;
	bool is_pipe;		/* what is read and written here is DCE/RPC */
	bool zeros;		/* may stand for bytes that are not shown */
	struct span file;	/* UTF-16LE name of the file that FileId stands for */
};

/* A structure on its way into the tree. */
struct walk {
	struct tree *tree;
	const struct layout *layout;
	const struct dissect_hint *hint;
	bool response;
	uint64_t values[FIELDS_MAX];	/* as read; of numbers only */
	size_t n_read;			/* fields that were there */
	size_t end;			/* of what was read, counted from the header */
};

extern const struct layout layout_header_req, layout_header_req_async;
extern const struct layout layout_header_rsp, layout_header_rsp_async;
extern const struct layout layout_transform, layout_compressed;

/* By what a body is: NULL if no layout fits.  size: its StructureSize. */
const struct layout *layout_body(uint16_t command, bool response, uint16_t size, nt status,
				 bool unsolicited, bool contexts) MUST_USE;
/* The i-th layout that a body of the command can have, for build.c; NULL behind the last. */
const struct layout *layout_candidate(uint16_t command, bool response, unsigned i) MUST_USE;
const struct layout *layout_of_header(bool response, bool async) MUST_USE;

unsigned field_width(enum field_type) MUST_USE;
/* The value read for that field; 0 if it was not reached or is not there. */
uint64_t walk_value(const struct walk *, const char *name) MUST_USE;
/* Adds the fixed fields to the tree.  False, with a note, if r ended before. */
bool walk_fields(struct walk *, struct rd *r) MUST_USE;
/* … and then what they point to; msg is the whole structure that offsets count in. */
void walk_parts(struct walk *, const struct rd *r);
/* A group of its own for a structure without parts; r moves. */
bool walk_group(struct tree *, const char *name, const struct layout *, struct rd *r);
/* A derived group for a whole structure, its parts included. */
void walk_whole(struct tree *, const char *name, const struct layout *, struct span);

#endif
