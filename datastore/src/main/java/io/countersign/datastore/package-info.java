// SPDX-License-Identifier: Apache-2.0
/** What outlives the server: one SQL database, its schema and its transactions. */
@NullMarked
package io.countersign.datastore;

import org.jspecify.annotations.NullMarked;
