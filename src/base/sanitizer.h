/* sanitizer.h - whether this is compiled for a sanitizer of addresses (PEN__ASAN) or threads (PEN__TSAN), as gcc and as clang say it. */
#ifndef BASE_SANITIZER_H
#define BASE_SANITIZER_H

#if defined(__SANITIZE_ADDRESS__)
#define PEN__ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PEN__ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define PEN__TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PEN__TSAN 1
#endif
#endif

#endif
