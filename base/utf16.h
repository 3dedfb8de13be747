/*
 * utf16.h - UTF-16LE on the wire, UTF-8 inside.
 *
 * Unpaired surrogates (Windows permits them in names) become the three-byte
 * WTF-8 form and back, so every 16-bit string survives the round trip.
 */
#ifndef BASE_UTF16_H
#define BASE_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

/*
 * Writes at most cap-1 bytes and a NUL.  STATUS_INVALID_PARAMETER for an odd
 * length or an embedded NUL; STATUS_NAME_TOO_LONG if cap does not do.
 */
nt utf16_to_utf8(struct span le16, char *dst, size_t cap, size_t *ret_len) MUST_USE;
/* Appends UTF-16LE without terminator; makes w bad on bad UTF-8.  Returns the bytes written. */
size_t wr_utf16(struct wr *w, const char *utf8);
/* Bytes that utf8 would take as UTF-16LE; SIZE_MAX for bad UTF-8. */
size_t utf16_len(const char *utf8) MUST_USE;
bool utf8_valid(const char *s, size_t n) MUST_USE;	/* strict, but WTF-8 surrogates pass */

/* Simple (1:1) Unicode case mapping by table; [MS-FSA] 2.1.4.4 compares upcased. */
uint32_t unicode_upper(uint32_t cp);
uint32_t unicode_lower(uint32_t cp);
/* Upcased copy, for NTLM and for name comparison; same errors as utf16_to_utf8. */
nt utf8_upper(const char *s, char *dst, size_t cap) MUST_USE;
nt utf8_lower(const char *s, char *dst, size_t cap) MUST_USE;
/* Case-insensitive comparison by code point, like strcmp. */
int utf8_casecmp(const char *a, const char *b);
/* Hash of the upcased name; equal for names that utf8_casecmp() calls equal. */
uint64_t utf8_casehash(const char *s);

#endif
