/*
 * material.h - what material.c and material_files.c share.
 */
#ifndef AUTHD_CRED_MATERIAL_H
#define AUTHD_CRED_MATERIAL_H

#include "authd/cred/cred.h"

typedef nt material_fn(const struct cred *, struct login *, const struct cred_create_req *);
material_fn material_keytab, material_ccache, material_ticket, material_service_key;

#endif
