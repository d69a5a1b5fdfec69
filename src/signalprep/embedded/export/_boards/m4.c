/* A Cortex-M4 in QEMU (mps2-an386): semihosting for text, SysTick for time. */
#include <stddef.h>
#include <stdint.h>

extern uint32_t _estack;
int main(void);
void board_begin(void);
void board_put(const char *text);
uint32_t board_ticks(void);
void board_end(void);
void reset(void);
void hard(void);

void reset(void)
{
    *(volatile uint32_t *)0xE000ED88 |= (0xFU << 20);
    (void)main();
    board_end();
}
void hard(void) { for (;;) {} }
__attribute__((section(".vec"), used)) const void *const vec[16] = {&_estack, reset, hard, hard};

static int host(int what, const void *with)
{
    register int r0 __asm("r0") = what;
    register const void *r1 __asm("r1") = with;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}
void board_begin(void)
{
    *(volatile uint32_t *)0xE000E014 = 0xFFFFFF;
    *(volatile uint32_t *)0xE000E018 = 0;
    *(volatile uint32_t *)0xE000E010 = 5;
}
void board_put(const char *text) { (void)host(4, text); }
uint32_t board_ticks(void) { return *(volatile uint32_t *)0xE000E018; }
void board_end(void) { (void)host(0x18, (const void *)0x20026); for (;;) {} }

void *memset(void *to, int with, size_t n)
{
    unsigned char *p = to;
    while (n-- != 0U) { *p++ = (unsigned char)with; }
    return to;
}
void *memcpy(void *to, const void *from, size_t n)
{
    unsigned char *p = to;
    const unsigned char *q = from;
    while (n-- != 0U) { *p++ = *q++; }
    return to;
}
