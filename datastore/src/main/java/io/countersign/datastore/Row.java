// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

/** A value and its place in the order in which such values came; numbers rise and are never used again. */
public record Row<T>(long number, T value) {}
