/* Measures the peak rate of one core in float32 and bfloat16: multiply-adds per second of the two instructions that oneDNN's kernels use,
 * vfmadd (16 products) and vdpbf16ps (32), on registers only. Their ratio is the largest speed-up that mixed precision can give on this CPU
 * when memory is not the limit.
 *
 *     gcc -O3 -funroll-all-loops tests/reference/bf16_peak.c -o /tmp/bf16_peak && /tmp/bf16_peak
 */
#include <immintrin.h>
#include <stdio.h>
#include <time.h>

#define SUMS 12 /* independent sums: more than the instructions in flight */
#define ROUNDS 20000000L

#define KEEP(s) __asm__ volatile("" : "+v"(s[0]), "+v"(s[1]), "+v"(s[2]), "+v"(s[3]), "+v"(s[4]), "+v"(s[5]), "+v"(s[6]), "+v"(s[7]), "+v"(s[8]), "+v"(s[9]), "+v"(s[10]), "+v"(s[11]))

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

__attribute__((target("avx512f"), noinline)) static double float32(void)
{
    __m512 sums[SUMS] = {0}, x = _mm512_set1_ps(0.5f);
    double begin = seconds();
    for (long round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SUMS; i++)
            sums[i] = _mm512_fmadd_ps(x, x, sums[i]);
        KEEP(sums);
    }
    return ROUNDS * (SUMS * 16.0) / (seconds() - begin);
}

__attribute__((target("avx512f,avx512bf16"), noinline)) static double bfloat16(void)
{
    __m512 sums[SUMS] = {0}, half = _mm512_set1_ps(0.5f);
    __m512bh x = _mm512_cvtne2ps_pbh(half, half);
    double begin = seconds();
    for (long round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < SUMS; i++)
            sums[i] = _mm512_dpbf16_ps(sums[i], x, x);
        KEEP(sums);
    }
    return ROUNDS * (SUMS * 32.0) / (seconds() - begin);
}

int main(void)
{
    if (!__builtin_cpu_supports("avx512bf16")) {
        puts("This processor has no AVX512-BF16.");
        return 1;
    }
    for (int i = 0; i < 3; i++) {
        double single = float32(), brain = bfloat16();
        printf("float32 %.1f, bfloat16 %.1f thousand million multiply-adds a second on one core: ratio %.2f\n", single / 1e9, brain / 1e9, brain / single);
    }
    return 0;
}
