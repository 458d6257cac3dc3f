/*
 * The BSDs' sign for getopt() to start over. newlib's starts over by itself at the end of each list
 * of arguments, which is where programs set this.
 */
int optreset;
