// SPDX-License-Identifier: Apache-2.0
/** What the database holds, in memory: immutable snapshots that follow the feed of changes. */
@NullMarked
package io.countersign.server.replica;

import org.jspecify.annotations.NullMarked;
