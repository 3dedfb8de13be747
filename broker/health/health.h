/*
 * health.h - what an engine's health check can see from inside a container.
 */
#ifndef BROKER_HEALTH_H
#define BROKER_HEALTH_H

#include <stdbool.h>

#include "ipc/types.h"

/* What an outpost is called (prctl(2), PR_SET_NAME): at most 15 bytes. */
#define OUTPOST_JOINED "outpost-joined"
#define OUTPOST_AWAY   "outpost-away"

/* health_smb.c: somebody there answers a NEGOTIATE, whatever the answer is. */
bool health_smb(const struct net_addr *) MUST_USE;

#endif
