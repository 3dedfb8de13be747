/*
 * conf_value.h - the readers of values, between conf_value.c and conf_lists.c.
 */
#ifndef BROKER_CONF_VALUE_H
#define BROKER_CONF_VALUE_H

#include "broker/config/conf_keys.h"

bool value_users(const struct conf_key *, const char *text, void *field);
bool value_paths(const struct conf_key *, const char *text, void *field);
bool value_hosts(const struct conf_key *, const char *text, void *field);
bool value_addresses(const struct conf_key *, const char *text, void *field);
bool value_roles(const struct conf_key *, const char *text, void *field);
bool value_api_keys(const struct conf_key *, const char *text, void *field); /* conf_api_keys.c */

/* Absolute, without "." and ".." components: what is written is what is meant. */
bool conf_path_allowed(const char *);

#endif
