/*
 * httpd: httpd [PORT] [COUNT]: a web server (port 80) of pages about this machine: processes,
 * memory, processors, locks, network. After COUNT pages it ends; without it, it does not.
 */
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST_MAX 2048
#define REQUEST_MS  5000 /* for a client to say what it wants */
#define BACKLOG     8

static const struct page {
	const char *path, *title, *program;
} pages[] = {
	{ "/", "Processes", "ps" },
	{ "/memory", "Memory", "mem" },
	{ "/cpus", "Processors", "cpus" },
	{ "/locks", "Locks", "locks" },
	{ "/network", "Network", "ifconfig" },
};
#define PAGE_COUNT (sizeof pages / sizeof *pages)

static void say(int fd, const char *text)
{
	size_t size = strlen(text);

	while (size > 0) {
		const ssize_t done = write(fd, text, size);
		if (done <= 0)
			return;
		text += done;
		size -= done;
	}
}

static void say_links(int fd)
{
	char link[128];

	for (unsigned i = 0; i < PAGE_COUNT; i++) {
		snprintf(link, sizeof link, "<a href=\"%s\">%s</a> ", pages[i].path,
			 pages[i].title);
		say(fd, link);
	}
}

/* What goes between the tags needs no quoting but for these three characters. */
static void say_quoted(int fd, const char *bytes, ssize_t size)
{
	char out[6 * 512 + 1];
	size_t length = 0;

	for (ssize_t i = 0; i < size; i++) {
		const char *quoted = bytes[i] == '<' ? "&lt;" : bytes[i] == '>' ? "&gt;" : "&amp;";
		if (strchr("<>&", bytes[i]) && bytes[i])
			length += sprintf(out + length, "%s", quoted);
		else
			out[length++] = bytes[i];
	}
	out[length] = '\0';
	say(fd, out);
}

/* The output of a program. */
static void say_output(int fd, const char *program)
{
	char *arguments[] = { (char *)program, NULL };
	posix_spawn_file_actions_t actions;
	char bytes[512];
	int ends[2];
	ssize_t size;
	pid_t pid;

	if (pipe(ends) != 0)
		return;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	if (posix_spawnp(&pid, program, &actions, NULL, arguments, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	while (pid > 0 && (size = read(ends[0], bytes, sizeof bytes)) > 0)
		say_quoted(fd, bytes, size);
	close(ends[0]);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void say_page(int fd, const struct page *page)
{
	say(fd,
	    "HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Connection: close\r\nCache-Control: no-store\r\n\r\n<!doctype html><title>Castle: ");
	say(fd, page->title);
	say(fd, "</title>\n<p>");
	say_links(fd);
	say(fd, "</p>\n<h1>");
	say(fd, page->title);
	say(fd, "</h1>\n<pre>\n");
	say_output(fd, page->program);
	say(fd, "</pre>\n");
}

/* Reads as far as the empty line; false: that did not come. */
static int read_request(int fd, char request[REQUEST_MAX])
{
	struct pollfd one = { .fd = fd, .events = POLLIN };
	size_t length = 0;

	while (length < REQUEST_MAX - 1) {
		const ssize_t size = poll(&one, 1, REQUEST_MS) > 0
					     ? read(fd, request + length, REQUEST_MAX - 1 - length)
					     : 0;
		if (size <= 0)
			return 0;
		length += size;
		request[length] = '\0';
		if (strstr(request, "\r\n\r\n") || strstr(request, "\n\n"))
			return 1;
	}
	return 0;
}

static void serve(int fd)
{
	char request[REQUEST_MAX], path[REQUEST_MAX];

	if (!read_request(fd, request) || sscanf(request, "GET %s HTTP/", path) != 1) {
		say(fd, "HTTP/1.0 400 Bad Request\r\nConnection: close\r\n\r\nGET, and a path\n");
		return;
	}
	for (unsigned i = 0; i < PAGE_COUNT; i++) {
		if (strcmp(path, pages[i].path) == 0) {
			say_page(fd, &pages[i]);
			return;
		}
	}
	say(fd, "HTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nno such page\n");
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	const int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
	const int count = argc > 2 ? atoi(argv[2]) : 0;

	if (listener < 0)
		err(1, "socket");
	here.sin_port = htons(argc > 1 ? atoi(argv[1]) : 80);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0 ||
	    listen(listener, BACKLOG) != 0)
		err(1, "port %u", ntohs(here.sin_port));
	for (int served = 0; count == 0 || served < count; served++) {
		const int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			err(1, "accept");
		serve(fd);
		close(fd);
	}
	return 0;
}
