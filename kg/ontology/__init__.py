"""Our terms on top of ML-Schema, PROV-O and DCAT, and the shapes that data must have."""
