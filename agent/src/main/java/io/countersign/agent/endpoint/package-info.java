// SPDX-License-Identifier: Apache-2.0
/**
 * The sockets, for everybody and for operators: which callers are served, how much they may ask for, who was refused,
 * and how streams follow the snapshot.
 */
@NullMarked
package io.countersign.agent.endpoint;

import org.jspecify.annotations.NullMarked;
