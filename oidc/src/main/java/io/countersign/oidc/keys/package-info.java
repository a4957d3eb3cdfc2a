// SPDX-License-Identifier: Apache-2.0
/**
 * Where the keys come from: {@link io.countersign.oidc.keys.KeySource} says which of three places, {@link
 * io.countersign.oidc.keys.KeyPolling} asks there again and again and keeps what it got.
 */
@NullMarked
package io.countersign.oidc.keys;

import org.jspecify.annotations.NullMarked;
