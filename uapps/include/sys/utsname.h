/*
 * What the system is called: POSIX's <sys/utsname.h>.
 */
#ifndef CASTLE_SYS_UTSNAME_H
#define CASTLE_SYS_UTSNAME_H

#define CASTLE_UTSNAME_MAX 32

struct utsname {
	char sysname[CASTLE_UTSNAME_MAX];
	char nodename[CASTLE_UTSNAME_MAX];
	char release[CASTLE_UTSNAME_MAX];
	char version[CASTLE_UTSNAME_MAX];
	char machine[CASTLE_UTSNAME_MAX];
};

#ifdef __cplusplus
extern "C" {
#endif

int uname(struct utsname *names);

#ifdef __cplusplus
}
#endif

#endif
