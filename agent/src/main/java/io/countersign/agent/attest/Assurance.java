// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.attest;

/** How far a selector can be believed. */
public enum Assurance {
    /** The kernel says so; the process cannot change it. */
    KERNEL,
    /** The process says so of itself, as with its command line: any process of the same user could say the same. */
    CLAIMED
}
