"""What the records of the register share: names, visibility, dates, and how texts refer to them.

The models themselves live upstairs (`people`, `labs`); this room only knows that there are kinds
of records, told by registration, so that documents can name them and links can be computed.
"""
