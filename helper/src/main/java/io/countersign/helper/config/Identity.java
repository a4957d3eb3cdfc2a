// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.delivery.X509Files;
import io.countersign.helper.notify.Announcement;
import java.time.Duration;
import java.util.Optional;

/**
 * One X.509 identity, its files and who is told of them.
 *
 * @param name the folder of its files, for people
 * @param minValidity how long the certificate on the disk has to be valid for probes to be content; if absent, nobody looks
 */
public record Identity(String name, X509Files files, Announcement announcement, Optional<Duration> minValidity) {}
