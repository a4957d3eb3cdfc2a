// SPDX-License-Identifier: Apache-2.0
/** OpenSSH's public keys and host certificates, as far as a node is proven by them (RFC 4251, RFC 4253, PROTOCOL.certkeys). */
@NullMarked
package io.countersign.server.ssh;

import org.jspecify.annotations.NullMarked;
