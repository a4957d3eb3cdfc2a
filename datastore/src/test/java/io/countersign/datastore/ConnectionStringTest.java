// SPDX-License-Identifier: Apache-2.0
package io.countersign.datastore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class ConnectionStringTest {
    private static PGSimpleDataSource source(String text) throws IOException {
        return ConnectionString.parse(text).source();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host=db port=5433 user=spire password='p w\\'\\\\' dbname=store sslmode=verify-full sslrootcert=/ca.pem",
                "  dbname = store host=db port=5433\tuser=spire\npassword=p\\ w\\'\\\\ sslmode=verify-full sslrootcert='/ca.pem'",
                "postgres://spire:p%20w%27%5C@db:5433/store?sslmode=verify-full&sslrootcert=/ca.pem",
                "postgresql://spire@db/store?password=p%20w'%5C&port=5433&sslmode=verify-full&sslrootcert=%2Fca.pem",
            })
    void theFormsSayTheSame(String text) throws IOException {
        var source = source(text);

        assertArrayEquals(new String[] {"db"}, source.getServerNames());
        assertArrayEquals(new int[] {5433}, source.getPortNumbers());
        assertEquals("spire", source.getUser());
        assertEquals("p w'\\", source.getPassword());
        assertEquals("store", source.getDatabaseName());
        assertEquals("verify-full", source.getSslMode());
        assertEquals("/ca.pem", source.getSslRootCert());
    }

    @Test
    void whatIsLeftOutIsAsWithTheOriginal() throws IOException {
        var source = source("user=spire");

        assertArrayEquals(new String[] {"localhost"}, source.getServerNames());
        assertArrayEquals(new int[] {5432}, source.getPortNumbers());
        assertEquals("spire", source.getDatabaseName());
        assertEquals("require", source.getSslMode());
        assertEquals(System.getProperty("user.name"), source("dbname=x").getUser());
    }

    @Test
    void severalHostsAreTriedInOrder() throws IOException {
        var one = source("host=a,b port=1 user=u");
        assertArrayEquals(new String[] {"a", "b"}, one.getServerNames());
        assertArrayEquals(new int[] {1, 1}, one.getPortNumbers());

        var two = source("postgres://u@a:1,b:2/d");
        assertEquals(List.of("a", "b"), List.of(Objects.requireNonNull(two.getServerNames())));
        assertArrayEquals(new int[] {1, 2}, two.getPortNumbers());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            host=db passfile=/x       | "passfile" is not supported
            host=/run/postgresql      | is a folder of Unix sockets
            sslmode=maybe             | sslmode "maybe" was found, expected one of [allow,
            port=none                 | port "none" was found
            port=70000                | port "70000" was found
            host=a,b,c port=1,2       | 2 ports for 3 hosts
            connect_timeout=soon      | connect_timeout "soon" was found
            nonsense                  | a word without "="
            password='x               | a quoted value without an end
            postgres://u:p@[db/x      | no URL of a database
            """)
    void whatIsNotUnderstoodIsRefused(String text, String words) {
        var failure = assertThrows(IllegalArgumentException.class, () -> ConnectionString.parse(text));

        assertTrue(String.valueOf(failure.getMessage()).contains(words), failure::getMessage);
    }

    @Test
    void itsTextHoldsNoPassword() {
        var text = ConnectionString.parse("host=db user=spire password=s3cret dbname=store sslpassword=s3cret")
                .toString();

        assertFalse(text.contains("s3cret"), text);
        assertEquals("postgres://spire@db:5432/store", text);
    }
}
