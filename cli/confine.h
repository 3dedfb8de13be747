/*
 * confine.h - walls around the command itself, for the parts of it that read
 * foreign bytes without a process of their own.
 */
#ifndef CLI_CONFINE_H
#define CLI_CONFINE_H

/*
 * From here on: no file can be opened, no process started, no peer reached; what
 * is open stays.  Fatal where the kernel has no system call filter.
 */
void cli_confine(void);

#endif
