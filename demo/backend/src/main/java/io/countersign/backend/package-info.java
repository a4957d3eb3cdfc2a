// SPDX-License-Identifier: Apache-2.0
/**
 * The demo's backend: serves orders out of PostgreSQL, and says how it was reached and how it reached the database.
 * {@link io.countersign.backend.BackendMain} reads {@link io.countersign.backend.BackendSettings} and starts the web
 * part; package {@code database} opens sessions with the files of a helper, package {@code web} answers.
 */
@NullMarked
package io.countersign.backend;

import org.jspecify.annotations.NullMarked;
