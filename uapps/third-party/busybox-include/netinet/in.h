/* See <netdb.h>: there is nothing of this here. */
