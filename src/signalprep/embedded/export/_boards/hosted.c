/* A machine with an operating system. */
#include <stdint.h>
#include <stdio.h>

void board_begin(void);
void board_put(const char *text);
uint32_t board_ticks(void);
void board_end(void);

void board_begin(void) {}
void board_put(const char *text) { fputs(text, stdout); }
uint32_t board_ticks(void) { return 0U; }
void board_end(void) {}
