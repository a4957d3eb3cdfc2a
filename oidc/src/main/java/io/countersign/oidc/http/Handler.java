// SPDX-License-Identifier: Apache-2.0
package io.countersign.oidc.http;

/** Answers requests out of memory: it runs on the thread that moves all bytes and must not block. Thread-safe. */
@FunctionalInterface
public interface Handler {
    Response answer(Request request);
}
