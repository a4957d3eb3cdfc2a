// SPDX-License-Identifier: Apache-2.0
/**
 * A small web server for public documents that are computed from memory: {@link io.countersign.oidc.http.HttpListener}
 * listens on TCP, with or without TLS, or on a Unix socket; {@link io.countersign.oidc.http.Routes} finds who answers.
 */
@NullMarked
package io.countersign.oidc.http;

import org.jspecify.annotations.NullMarked;
