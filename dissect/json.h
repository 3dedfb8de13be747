/*
 * json.h - trees as JSON and JSON as packets, for `bulkhead dissect --json` and for
 * the scripting interface.
 *
 * Fields have the specification's names.  Numbers are integers, above INT64_MAX
 * decimal strings; times are FILETIMEs; bytes are hexadecimal strings; a name that
 * is no clean UTF-16 is {"hex": …}.  What another field's bytes mean stands in
 * "Decoded", what is wrong in "malformed".
 */
#ifndef DISSECT_JSON_H
#define DISSECT_JSON_H

#include <jansson.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "dissect/layout.h"
#include "dissect/tree.h"

/* The children of n as an object; notes at any depth as "malformed". */
json_t *dissect_json(const struct node *n);

/*
 * A frame without its connection, from its first message's header on: an array of
 * such objects, one for each message of the chain, at most DECODE_MAX.  hint may be
 * NULL; it tells what the answers in it are answers to.
 */
#define DECODE_MAX 256
json_t *dissect_decode(struct span frame, const struct dissect_hint *hint);

#define BUILD_WHY 160

/*
 * The other way: {"Header": {…}, "Body": {…}} into w, whose position is the
 * header's first byte.  Fields that are not given get what makes the packet well
 * formed (sizes, offsets, lengths, counts) or zero; those that are given stand as
 * they are, however wrong.  "Body" may also be hexadecimal bytes, and "Rest" bytes
 * to put behind it.  An array of such objects is a chain.  STATUS_INVALID_PARAMETER:
 * why names the field; STATUS_BUFFER_TOO_SMALL: w is full.
 */
nt dissect_build(const json_t *, struct wr *w, char why[BUILD_WHY]) MUST_USE;

#endif
