/*
 * Users and groups, of which Castle has one each, and what the system is called.
 */
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "result.h"

#define USER "root"

static struct passwd user = {
	.pw_name = (char[]){ USER },
	.pw_passwd = (char[]){ "" },
	.pw_comment = (char[]){ "" },
	.pw_gecos = (char[]){ "the only user" },
	.pw_dir = (char[]){ "/" },
	.pw_shell = (char[]){ "/bin/sh" },
};
static char *members[] = { (char[]){ USER }, NULL };
static struct group group = { .gr_name = (char[]){ USER },
			      .gr_passwd = (char[]){ "" },
			      .gr_mem = members };

struct passwd *getpwuid(uid_t uid)
{
	return uid == 0 ? &user : NULL;
}

struct passwd *getpwnam(const char *name)
{
	return strcmp(name, USER) == 0 ? &user : NULL;
}

struct group *getgrgid(gid_t gid)
{
	return gid == 0 ? &group : NULL;
}

struct group *getgrnam(const char *name)
{
	return strcmp(name, USER) == 0 ? &group : NULL;
}

int getgroups(int size, gid_t groups[])
{
	if (size > 0)
		groups[0] = 0;
	return 1;
}

/* Not in newlib's headers. */
int getgrouplist(const char *name, gid_t first, gid_t groups[], int *size);

int getgrouplist(const char *name, gid_t first, gid_t groups[], int *size)
{
	const int room = *size;

	(void)name;
	*size = 1;
	if (room < 1)
		return -1;
	groups[0] = first;
	return 1;
}

char *getlogin(void)
{
	return user.pw_name;
}

int setuid(uid_t uid)
{
	return uid == 0 ? 0 : failure(EPERM);
}

int setgid(gid_t gid)
{
	return gid == 0 ? 0 : failure(EPERM);
}

int seteuid(uid_t uid)
{
	return setuid(uid);
}

int setegid(gid_t gid)
{
	return setgid(gid);
}

int gethostname(char *name, size_t size)
{
	strncpy(name, "castle", size);
	return size > strlen("castle") ? 0 : failure(ENAMETOOLONG);
}

int uname(struct utsname *names)
{
	*names = (struct utsname){
		.sysname = "Castle",
		.nodename = "castle",
		.release = "1",
		.version = "1",
		.machine = "i686",
	};
	return 0;
}

/* No program runs for another user than the one who started it. newlib's glob() asks. */
int issetugid(void);

int issetugid(void)
{
	return 0;
}
